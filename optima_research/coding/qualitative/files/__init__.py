"""Files of coding tools -> project, and a project -> REFI-QDA; hostile files are refused, never obeyed."""
