"""What several folders of unit tests share."""

from tests.unit.terraform.plans import plan

__all__ = ["plan"]
