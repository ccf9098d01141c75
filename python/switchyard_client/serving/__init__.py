"""What answers for a web service: loads the entry script, calls ``init()`` once and ``run()`` for every request (spec 11)."""
