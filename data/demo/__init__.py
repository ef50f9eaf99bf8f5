"""The main job from end to end: load a city, place its needs, find the gaps and the nearest help."""

from data.demo.report import DemoReport
from data.demo.run import run_demo

__all__ = ["DemoReport", "run_demo"]
