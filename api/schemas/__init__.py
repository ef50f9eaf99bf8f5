"""What goes over the wire, strictly typed."""
