"""The closed word classes of English, as far as breaking a line needs them.

Without a tagger a break can still be judged by its neighbours: articles, prepositions, auxiliaries
and the like are few and can be listed. Words that belong to two classes stand in the one whose
break rule does less harm. All in lower case, without punctuation.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORT_TITLES = _words("mr mrs ms mx dr prof st sgt lt capt col gen rev hon")
"""Titles that may be written with a full stop."""

TITLES = SHORT_TITLES | _words("miss sir dame lord lady president king queen")
"""Words that belong to the name behind them."""

ABBREVIATIONS = SHORT_TITLES | _words("jr sr vs etc vol ed e.g i.e a.m p.m u.s u.k approx dept est fig")
"""Words whose full stop ends no sentence."""

DETERMINERS = _words(
    "a an the this these those my your his her its our their whose every each another any some no "
    "either neither both all half what which such"
)
"""Words that open a noun phrase; `that` is left out: it is a conjunction as often."""

PRONOMINAL = _words(
    "this these those his her each another any some either neither both all half what which such"
)
"""Determiners that also stand alone: before a function word they are no article."""

CONJUNCTIONS = _words(
    "and but or nor yet because although though unless until while whereas since if whether when "
    "whenever where wherever once than that which who whom why how as so before after till"
)
"""Words that open a clause or join one."""

COORDINATORS = _words("and but or nor")

PREPOSITIONS = _words(
    "about above across against along amid among around at behind below beneath beside besides "
    "between beyond by despite during except for from in inside into like near of on onto opposite "
    "outside over past per regarding round through throughout to toward towards under underneath "
    "unlike upon via with within without"
)

CLOSE_PARTICLES = _words("up out off away back down")
"""Words that complete a verb (`give up`) and rarely open a phrase of their own."""

SUBJECTS = _words("i you he she it we they who there")
"""Pronouns that a verb follows."""

CLAUSE_OPENERS = _words("i he she we they")
"""Pronouns that are always a subject, so that a clause starts before them."""

INTERJECTIONS = _words("well okay ok yeah yes no oh right now then also first finally")
"""Words that often begin what somebody says."""

INDEFINITES = _words(
    "something anything nothing everything someone anyone everyone somebody anybody nobody everybody"
)
"""Pronouns whose adjective follows them."""

THINKING = _words("think know guess mean believe suppose hope wish bet say")
"""Verbs that a clause follows without `that`."""

OBJECTS = _words("me him us them it myself yourself himself herself itself ourselves yourselves themselves")
"""Pronouns that belong to the verb before them."""

AUXILIARIES = _words(
    "am is are was were be been being have has had having do does did will would shall should can "
    "could may might must ought dare gonna gotta wanna let's not never hardly barely scarcely cannot "
    "ain't let"
)
"""Auxiliaries and negations: they belong to the verb behind them."""

CONTRACTIONS = ("n't", "'m", "'re", "'ve", "'ll", "'d")
"""Endings that make a word an auxiliary with its subject or its negation."""

CONTRACTED = _words("it's he's she's that's there's here's what's who's where's how's")
"""Subject and auxiliary in one; any other `'s` is a possessive."""

INTENSIFIERS = _words(
    "very too quite rather really so more most less least almost nearly just even only still also as "
    "pretty extremely particularly especially fairly much far"
)
"""Adverbs that belong to the word behind them."""

ADJECTIVES = _words(
    "able back bad beautiful best better big black blue brief bright brown certain cheap clean clear cold "
    "common dark dead dear deep different difficult dirty double dry early easy empty entire fair "
    "famous fast few final fine first free fresh front full general good grand great green grey happy "
    "hard heavy high hot huge human important kind large last late left light little local lonely long "
    "low main many modern narrow national natural necessary new next nice old only open other own past "
    "perfect poor possible private proper public quick quiet ready real recent red rich right same "
    "second several severe short similar simple single slow small social soft special strange strong "
    "sudden sure sweet tall terrible thick thin third tiny true ugly usual various warm weak wet white "
    "whole wide wild wise wonderful wooden wrong yellow young"
)
"""Common adjectives; others are known by their ending."""

ADJECTIVE_ENDINGS = ("ful", "ous", "less", "able", "ible", "ical")

NUMBERS = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "thousand million billion dozen"
)

UNITS = _words(
    "second seconds minute minutes hour hours day days week weeks month months year years percent "
    "metre metres meter meters kilometre kilometres kilometer kilometers mile miles foot feet inch "
    "inches yard yards gram grams kilo kilos kilogram kilograms pound pounds ounce ounces ton tons "
    "litre litres liter liters degree degrees dollar dollars euro euros cent cents o'clock am pm a.m "
    "p.m hundred thousand million billion km cm mm kg mph hz khz mb gb per"
)
