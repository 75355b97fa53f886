"""The demo company: a local Xero and a sample project; only the demo and tests import it."""
