"""The engine: calendar, ledger, random numbers, tables, the record; not a word of migration."""
