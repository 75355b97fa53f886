"""The demo company: a local Xero and a sample project; only the demo verb and the tests import it."""
