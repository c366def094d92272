"""Calendar, errors, ledger and random-number streams: what every layer above uses."""
