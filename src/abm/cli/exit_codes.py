"""Exit codes of the commands."""

SUCCESS, DEFECT, USER_ERROR, INTERRUPTED = 0, 1, 2, 130
