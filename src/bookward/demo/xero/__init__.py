"""The local Xero: an emulator that keeps the documented rules and can be told to misbehave."""
