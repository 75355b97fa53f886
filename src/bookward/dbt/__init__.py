"""Models that dbt builds: found in its artefacts, and held to how their build and their tests went."""

from bookward.dbt.artefacts import Artefacts, Built, DbtModel
from bookward.dbt.builds import refuse_unfit
from bookward.dbt.fetching import Folder

__all__ = ["Artefacts", "Built", "DbtModel", "Folder", "refuse_unfit"]
