"""Questions to answers: induction, Houdini, search, vacuity, termination. No kernel in here."""
