"""A tool's export -> Survey: one module a source, all looking alike."""
