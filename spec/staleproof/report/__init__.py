"""Text, mail, JSON and pages, made from verdicts and traces alone."""
