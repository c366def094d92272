"""What there is, told from the declarations: tables for readers, a JSON Schema for editors."""
