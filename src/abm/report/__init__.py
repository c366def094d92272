"""What there is, read from the declarations: tables for people, a JSON Schema for editors."""
