"""Lets an optimiser elsewhere drive the trials of a sweep."""


def drive(sweep, ask, tell, at_once):
    """See ``Sweep.drive``."""
    going, look, has_more = {}, sweep._look(), True
    while has_more or going:
        room = look.room if look.is_open else 0
        while has_more and len(going) < at_once:
            asked = ask() if room > 0 else None
            if asked is None:
                has_more = False
                break
            known_by, values = asked
            going[sweep.ask(values).number] = known_by
            room -= 1
        if not going:
            break
        look = sweep._look_after(look.entries)
        for number in list(going):
            trial = look.settled(number)
            if trial is not None:
                tell(going.pop(number), trial)
    if look.is_open:
        sweep.stop()
