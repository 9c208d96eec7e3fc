"""Ask the network: what the pages and the people of a community know about a question, as far as one may see it.

What somebody may see is fetched first (`seen`), and nothing else takes part in any score, order or number. Passages
come from two sides: those whose vectors are nearest, and those that hold the words, spelled alike or nearly so
(`lookup`). All that came is judged by the engine (`engine.ask.answers`), the best passage speaks for its page, and
the sentence that fits best is shown. No number depends on which other pages there are, so a page that one may not
see changes nothing.
"""

from matching.ask.found import Answer, Answers, Known
from matching.ask.search import LONGEST, about, ask
from matching.ask.seen import page_of, pages

__all__ = ["LONGEST", "Answer", "Answers", "Known", "about", "ask", "page_of", "pages"]
