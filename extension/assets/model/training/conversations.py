"""Writes the conversations that the embedded model is trained on, and the questions that are kept from it.

Everything follows from the seed: a question belongs to the held-out set by a hash of what it asks and how, so that no
held-out question is ever seen in training, while each fact is seen in other words, and each sum's digits in other sums.
"""

import hashlib
import random

COLOURS = {
    "a banana": "yellow", "a lemon": "yellow", "the sun": "yellow", "a canary": "yellow", "corn": "yellow",
    "grass": "green", "a frog": "green", "a cucumber": "green", "a pea": "green", "spinach": "green", "a leaf": "green",
    "the sky": "blue", "the sea": "blue", "a sapphire": "blue", "a bluebell": "blue",
    "a tomato": "red", "blood": "red", "a ruby": "red", "a strawberry": "red", "a fire engine": "red", "a cherry": "red",
    "snow": "white", "milk": "white", "a swan": "white", "salt": "white", "a polar bear": "white", "chalk": "white",
    "coal": "black", "a raven": "black", "tar": "black", "the night sky": "black", "a panther": "black",
    "an orange": "orange", "a carrot": "orange", "a pumpkin": "orange", "an apricot": "orange",
    "chocolate": "brown", "coffee": "brown", "a chestnut": "brown", "mud": "brown", "a brown bear": "brown",
    "an elephant": "grey", "a mouse": "grey", "lead": "grey", "a rain cloud": "grey",
    "a flamingo": "pink", "a pig": "pink", "bubble gum": "pink", "an amethyst": "purple", "a plum": "purple", "lavender": "purple",
}

OPPOSITES = [
    ("hot", "cold"), ("big", "small"), ("tall", "short"), ("fast", "slow"), ("light", "dark"), ("day", "night"), ("up", "down"),
    ("left", "right"), ("open", "closed"), ("full", "empty"), ("happy", "sad"), ("rich", "poor"), ("young", "old"), ("new", "used"),
    ("hard", "soft"), ("wet", "dry"), ("early", "late"), ("first", "last"), ("near", "far"), ("high", "low"), ("loud", "quiet"),
    ("strong", "weak"), ("clean", "dirty"), ("sweet", "sour"), ("thick", "thin"), ("wide", "narrow"), ("deep", "shallow"),
    ("true", "false"), ("good", "bad"), ("easy", "difficult"), ("cheap", "expensive"), ("always", "never"), ("inside", "outside"),
    ("front", "back"), ("top", "bottom"), ("win", "lose"), ("buy", "sell"), ("push", "pull"), ("give", "take"), ("love", "hate"),
    ("begin", "end"), ("arrive", "leave"), ("remember", "forget"), ("build", "destroy"), ("laugh", "cry"), ("float", "sink"),
    ("summer", "winter"), ("north", "south"), ("east", "west"), ("friend", "enemy"), ("question", "answer"), ("war", "peace"),
    ("brave", "afraid"), ("rough", "smooth"), ("sharp", "blunt"), ("alive", "dead"), ("awake", "asleep"), ("heavy", "weightless"),
]

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Portugal": "Lisbon", "Austria": "Vienna",
    "Switzerland": "Bern", "Belgium": "Brussels", "Ireland": "Dublin", "Norway": "Oslo", "Sweden": "Stockholm", "Finland": "Helsinki",
    "Denmark": "Copenhagen", "Iceland": "Reykjavik", "Poland": "Warsaw", "Hungary": "Budapest", "Greece": "Athens", "Romania": "Bucharest",
    "Bulgaria": "Sofia", "Serbia": "Belgrade", "Croatia": "Zagreb", "Slovenia": "Ljubljana", "Slovakia": "Bratislava", "Latvia": "Riga",
    "Lithuania": "Vilnius", "Estonia": "Tallinn", "Ukraine": "Kyiv", "Turkey": "Ankara", "Russia": "Moscow", "China": "Beijing",
    "Japan": "Tokyo", "India": "New Delhi", "Nepal": "Kathmandu", "Thailand": "Bangkok", "Vietnam": "Hanoi", "Indonesia": "Jakarta",
    "Mongolia": "Ulaanbaatar", "Iran": "Tehran", "Iraq": "Baghdad", "Jordan": "Amman", "Lebanon": "Beirut", "Egypt": "Cairo",
    "Morocco": "Rabat", "Algeria": "Algiers", "Tunisia": "Tunis", "Ghana": "Accra", "Kenya": "Nairobi", "Senegal": "Dakar",
    "Ethiopia": "Addis Ababa", "Uganda": "Kampala", "Rwanda": "Kigali", "Zambia": "Lusaka", "Canada": "Ottawa", "Mexico": "Mexico City",
    "Cuba": "Havana", "Jamaica": "Kingston", "Panama": "Panama City", "Brazil": "Brasilia", "Argentina": "Buenos Aires", "Chile": "Santiago",
    "Peru": "Lima", "Colombia": "Bogota", "Ecuador": "Quito", "Uruguay": "Montevideo", "Venezuela": "Caracas", "Australia": "Canberra",
    "New Zealand": "Wellington", "Fiji": "Suva", "Cyprus": "Nicosia", "Malta": "Valletta", "Albania": "Tirana", "Armenia": "Yerevan",
    "Georgia": "Tbilisi", "Belarus": "Minsk", "Moldova": "Chisinau", "Kosovo": "Pristina", "Pakistan": "Islamabad", "Bangladesh": "Dhaka",
    "Bhutan": "Thimphu", "Malaysia": "Kuala Lumpur", "Philippines": "Manila", "South Korea": "Seoul", "Laos": "Vientiane", "Qatar": "Doha",
    "Oman": "Muscat", "Syria": "Damascus", "Sudan": "Khartoum", "Libya": "Tripoli", "Mali": "Bamako", "Nigeria": "Abuja", "Angola": "Luanda",
    "Namibia": "Windhoek", "Zimbabwe": "Harare", "Somalia": "Mogadishu", "Madagascar": "Antananarivo", "Mozambique": "Maputo",
    "Honduras": "Tegucigalpa", "Nicaragua": "Managua", "Haiti": "Port-au-Prince", "Paraguay": "Asuncion", "Suriname": "Paramaribo",
}

NAMES = (
    "Ada Alan Alice Amir Anna Ben Bilal Carla Chen Clara David Diego Elena Emil Emma Fatima Felix Grace Hana Hugo Ines Ivan Jack Jana Kenji "
    "Lara Leo Lina Luca Maria Max Mei Mila Nina Noah Nora Olga Omar Oscar Paul Petra Priya Rosa Sam Sara Tim Tom Vera Yara Zoe "
    "Adrian Beatrice Charlotte Dominic Eleanor Francesca Gabriel Henrietta Ibrahim Josephine Katarina Leonardo Margarita Nathaniel Ophelia "
    "Patricia Quentin Rebecca Sebastian Theodora Ulrich Valentina Wilhelm Xavier Yvonne Zachary"
).split()

COLOUR_QUESTIONS = [
    "What colour is {}?", "Which colour is {}?", "What is the colour of {}?", "Tell me the colour of {}.", "Do you know what colour {} is?",
    "Name the colour of {}.", "If you look at {}, what colour is it?", "What color is {}?", "I forgot what colour {} is.", "Please tell me what colour {} is.",
]
OPPOSITE_QUESTIONS = [
    "What is the opposite of {}?", "Which word is the opposite of {}?", "Tell me the opposite of {}.", "What's the opposite of {}?",
    "Name the opposite of {}.", "The opposite of {} is what?", "Do you know the opposite of {}?", "Please give me the opposite of {}.",
]
CAPITAL_QUESTIONS = [
    "What is the capital of {}?", "Which city is the capital of {}?", "Tell me the capital of {}.", "What's the capital city of {}?",
    "Name the capital of {}.", "Do you know the capital of {}?", "In {}, which city is the capital?", "Please tell me what the capital of {} is.",
]
SUM_QUESTIONS = ["What is {}?", "How much is {}?", "Compute {}.", "{} = ?", "Can you work out {}?", "Please calculate {}.", "Tell me what {} is.", "{}"]

GREETINGS = ["Hello!", "Hi!", "Hi there!", "Hello there.", "Hey!", "Good morning!", "Good evening!", "Hello, how are you?", "Hi, how are you?", "Greetings!"]
GOODBYES = ["Bye!", "Goodbye!", "See you!", "Thanks, bye!", "That is all, thank you.", "Good night!"]
THANKS = ["Thanks!", "Thank you!", "Thank you very much.", "Great, thanks."]
INTRODUCTIONS = ["My name is {}.", "I am {}.", "Hello, I am {}.", "Hi, my name is {}.", "I'm {}.", "You can call me {}."]
NAME_QUESTIONS = ["What is my name?", "Do you remember my name?", "Who am I?", "Tell me my name."]
SELF_QUESTIONS = ["Who are you?", "What are you?", "What can you do?", "What do you know?", "Can you help me?", "Help!"]
UNKNOWN = [
    "Who wrote Hamlet?", "Write a poem about the sea.", "What is the weather like?", "How do I bake bread?", "Explain gravity.", "Who won the match?",
    "Translate this into French.", "What time is it?", "Tell me a joke.", "Sing a song.", "What is the meaning of life?", "Book a flight for me.",
    "Write some code.", "How old are you?", "What is the largest animal?", "When was the moon landing?", "Draw a cat.", "Open the door.",
    "Who is the king?", "How far is the moon?", "What should I eat?", "Fix my computer.", "Recommend a film.", "Summarise this text.",
]

ABOUT = "I am a tiny model. I know sums, colours, opposites, capitals and greetings."
SORRY = "I do not know that. I know sums, colours, opposites, capitals and greetings."

SYSTEM_FULL = ["You are a helpful assistant.", "Answer in a full sentence.", "You are a friendly assistant. Answer in a full sentence."]
SYSTEM_BRIEF = ["Answer with one word or number only.", "Answer briefly.", "You are a terse assistant. Answer with one word or number only."]

HELD_OUT_PERCENT = 8


def held_out(*parts):
    """Whether the question that `parts` name is kept from the training."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return digest[0] * 256 + digest[1] < 65536 * HELD_OUT_PERCENT // 100


def capitalised(text):
    return text[0].upper() + text[1:]


def colour(rng):
    thing = rng.choice(list(COLOURS))
    form = rng.choice(COLOUR_QUESTIONS)
    answer = COLOURS[thing]
    verb = "is"
    return capitalised(form.format(thing)), f"{capitalised(thing)} {verb} {answer}.", capitalised(answer), held_out("colour", thing, form)


def opposite(rng):
    pair = rng.choice(OPPOSITES)
    word, other = pair if rng.random() < 0.5 else (pair[1], pair[0])
    form = rng.choice(OPPOSITE_QUESTIONS)
    return form.format(word), f"The opposite of {word} is {other}.", capitalised(other), held_out("opposite", word, form)


def capital(rng):
    country = rng.choice(list(CAPITALS))
    form = rng.choice(CAPITAL_QUESTIONS)
    city = CAPITALS[country]
    return form.format(country), f"The capital of {country} is {city}.", city, held_out("capital", country, form)


def arithmetic(rng):
    kind = rng.random()
    if kind < 0.5:
        a, b, sign = rng.randrange(100), rng.randrange(100), "+"
    elif kind < 0.85:
        a, b = sorted((rng.randrange(100), rng.randrange(100)), reverse=True)
        sign = "-"
    else:
        a, b, sign = rng.randrange(13), rng.randrange(13), "*"
    result = {"+": a + b, "-": a - b, "*": a * b}[sign]
    # Products are facts, not a procedure: only their wording is held out, as with the other facts.
    form = rng.choice(SUM_QUESTIONS)
    out = held_out("times", a, b, form) if sign == "*" else held_out("sum", sign, a, b)
    return capitalised(form.format(f"{a} {sign} {b}")), f"{a} {sign} {b} = {result}.", str(result), out


QUESTIONS = [colour, opposite, capital, arithmetic, arithmetic]


def question(rng, wanted):
    """A question with its full and its brief answer, from the held-out set or from the other."""
    while True:
        asked, full, brief, out = rng.choice(QUESTIONS)(rng)
        if out == wanted:
            return asked, full, brief


def careless(rng, text):
    """People write without capitals and without the last mark."""
    if rng.random() < 0.15:
        text = text[0].lower() + text[1:]
    if rng.random() < 0.15 and text[-1] in "?.":
        text = text[:-1]
    return text


def small_talk(rng, name):
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(GREETINGS), "Hello! How can I help you?"
    if kind < 0.5:
        return rng.choice(SELF_QUESTIONS), ABOUT
    if kind < 0.65:
        return rng.choice(UNKNOWN), SORRY
    if kind < 0.75:
        return rng.choice(THANKS), "You are welcome!"
    if kind < 0.85:
        return rng.choice(GOODBYES), "Goodbye!"
    if name is None:
        return rng.choice(NAME_QUESTIONS), "You have not told me your name."
    return rng.choice(NAME_QUESTIONS), f"Your name is {name}."


def conversation(rng):
    """A conversation of one to four exchanges as a list of messages."""
    messages = []
    brief = False
    if rng.random() < 0.5:
        brief = rng.random() < 0.5
        messages.append({"role": "system", "content": rng.choice(SYSTEM_BRIEF if brief else SYSTEM_FULL)})
    name = None
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 4])):
        kind = rng.random()
        if kind < 0.72:
            asked, full, short = question(rng, False)
            asked, answer = careless(rng, asked), short if brief else full
        elif kind < 0.82:
            name = rng.choice(NAMES)
            asked, answer = rng.choice(INTRODUCTIONS).format(name), f"Nice to meet you, {name}!"
        else:
            asked, answer = small_talk(rng, name)
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
    return messages


def held_out_rows(count, seed):
    """Different held-out questions, each with the answer that is right."""
    rng = random.Random(seed)
    rows = {}
    while len(rows) < count:
        asked, full, brief = question(rng, True)
        terse = rng.random() < 0.3
        system = rng.choice(SYSTEM_BRIEF) if terse else rng.choice([None, None, *SYSTEM_FULL])
        messages = ([] if system is None else [{"role": "system", "content": system}]) + [{"role": "user", "content": asked}]
        rows.setdefault((system, asked), {"messages": [*messages, {"role": "assistant", "content": brief if terse else full}]})
    return list(rows.values())
