"""Whether more of a metric is better, or less."""
import enum


class PrimaryMetricGoal(enum.Enum):
    """Which way the primary metric is good."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"


_WORDS = {"max": "maximize", "min": "minimize", "maximise": "maximize", "minimise": "minimize"}


def goal_word(goal):
    """``maximize`` or ``minimize``, of a member or a word; None for anything else."""
    word = goal.value if isinstance(goal, PrimaryMetricGoal) else goal
    word = word.lower() if isinstance(word, str) else None
    word = _WORDS.get(word, word)
    return word if word in ("maximize", "minimize") else None
