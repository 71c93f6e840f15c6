"""What was written: files in, one linked, digested Project out."""

from loadline.project.nouns import Owner, Person, Project, StoreSettings, WarehouseSettings

__all__ = ["Owner", "Person", "Project", "StoreSettings", "WarehouseSettings"]
