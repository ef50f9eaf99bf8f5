"""The organizers' screens; reaches data by HTTP only."""
