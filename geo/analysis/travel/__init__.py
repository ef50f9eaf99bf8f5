"""How long a way takes: by streets where there is a graph or a server, by the straight line where there is none."""

from geo.analysis.travel.straight import DETOUR_FACTOR, SPEED_M_PER_MIN, StraightLineTravel, check_standard

__all__ = ["DETOUR_FACTOR", "SPEED_M_PER_MIN", "StraightLineTravel", "check_standard"]
