"""Questions as a language model reads them: never waited for, never believed without a check."""
