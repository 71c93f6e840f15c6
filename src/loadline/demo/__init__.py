"""A demo company: generated data, a complete project over it, and the story that is told with them."""

from loadline.demo.codes import CODES
from loadline.demo.company import Written, write_company
from loadline.demo.planted import DEFECTS, Defect, Planted

__all__ = ["CODES", "DEFECTS", "Defect", "Planted", "Written", "write_company"]
