"""The words that the sample warehouse is made of; made up, and any likeness to a real company is chance."""

from __future__ import annotations

import unicodedata


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


FIRST_NAMES = _words("""
    Aaliyah Aaron Abigail Adam Aiko Aisha Alan Alejandro Alice Amelia Amir Ana André Andrea Aneta Angela
    Anna Anton Aoife Aria Arjun Arthur Astrid Ava Beatriz Benjamin Björn Bram Brian Bridget Camille
    Carlos Caroline Cathal Chantal Charlotte Chen Chiara Chloé Christopher Clara Daniel Daria David
    Deborah Diego Dmitri Dominik Edward Eilidh Elena Elias Élodie Emil Emily Emma Eoin Erik Esther Ethan
    Eva Fatima Felix Fiona Francesca Frederik François Gabriela George Giulia Grace Greta Gustav Hana
    Hannah Harper Harry Heidi Helena Henry Hiroshi Hugo Ian Ibrahim Ida Imani Ingrid Irene Isaac Isabel
    Ivan Jack Jacob James Jana Jasmine Javier Jens Jessica Jing Joana Johan Jonas José Joseph Josephine
    Juan Julia Jürgen Kai Karen Karin Katarzyna Katherine Keiko Kenji Kevin Khalid Kiri Kofi Lars Laura
    Layla Leila Leo Liam Lilly Lin Linh Lucas Lucía Luka Madison Magnus Manuel Marcus Margaret María
    Marie Mario Marta Martin Mason Mateo Matilda Matthew Maya Mei Mercy Mia Michael Miguel Mila Mina
    Mohammed Moana Nadia Naomi Natalia Nathan Nia Nicholas Nikolai Nina Noah Nora Olga Oliver Olivia
    Omar Oscar Owen Pablo Patrick Paul Pavel Peter Petra Philip Priya Quinn Rachel Rafael Rahul Rangi
    Rebecca René Robert Rosa Ruth Ryan Saira Samuel Sanjay Sara Sebastian Selma Siobhán Sofia Søren
    Stefan Tama Tariq Teresa Thomas Tomáš Ursula Valentina Victor Wei William Yasmin Yuki Yusuf Zoë
""")

LAST_NAMES = _words("""
    Abbott Adeyemi Ahmed Akhtar Allen Almeida Andersen Anderson Andrade Appiah Aoki Bailey Baker
    Banerjee Barbosa Barnes Bauer Becker Bell Bennett Bergström Berg Bianchi Björk Boateng Bogdanov
    Brennan Brown Bryant Burke Byrne Campbell Carter Castillo Černý Chan Chapman Chaudhry Choi Clarke
    Cohen Collins Conti Cooper Costa Cruz Curtis D'Angelo Dahl Davies Da_Silva De_Boer De_Vries Delgado
    Dempsey Diaz Dietrich Dlamini Doherty Dubois Duffy Dumont Edwards Eriksson Evans Farrell Fernández
    Ferrari Fischer Fitzgerald Fletcher Flores Foster Fournier Fujita García Gibson Gómez Gonçalves
    Graham Grant Green Gruber Gupta Haas Haddad Hall Hansen Harris Hasan Hayashi Henare Hernández
    Herrmann Hoffmann Holm Horváth Howard Huang Hughes Hussain Ibarra Inoue Ivanov Jackson Jansen Jensen
    Johansson Johnson Jones Jørgensen Kaplan Kaur Kavanagh Keller Kelly Khan Kim King Klein Kovač
    Kowalski Krüger Kumar Lambert Larsen Laurent Lee Lefèvre Lehmann Leroy Levy Lewis Li Lindqvist Liu
    López Lund Ma MacDonald Mahlangu Maier Martin Martínez Mazur McCarthy McLeod Mehta Mendes Meyer
    Miller Mitchell Mohamud Molina Moore Morales Moreau Morgan Müller Murphy Nakamura Naidoo Nelson
    Nguyễn Nielsen Novák O'Brien O'Connor O'Neill O'Sullivan Oduya Okafor Olsen Ortega Owusu Öztürk
    Papadopoulos Park Parker Patel Pereira Petrov Pham Phillips Popescu Price Quigley Ramos Reyes
    Richter Rivera Roberts Robinson Rossi Ruiz Russo Ryan Saito Salazar Santos Schäfer Schmidt Schneider
    Scott Shah Sharma Silva Singh Smith Sørensen Stewart Sullivan Suzuki Svensson Takahashi Tan Taylor
    Thompson Tran Turner Van_Dijk Vargas Virtanen Wagner Walker Wang Watanabe Weber Williams Wilson Wong
    Wright Yamamoto Yücel Young Zhang Ziegler Zhou
""")

COMPANY_FIRST = _words("""
    Amber Alpine Arc Atlas Aurora Banksia Beacon Birch Blue Boulder Bright Cedar Clear Cobalt Copper
    Coral Crescent Delta Dune East Elm Ember Evergreen Fern First Flint Forge Fox Glacier Golden Granite
    Green Grove Harbour Hazel Heron Highland Horizon Iron Ivory Jade Juniper Kauri Keystone Kowhai Lark
    Lighthouse Linden Lunar Maple Marble Meridian Mint Moor North Oak Opal Orchard Otter Pacific
""")

COMPANY_SECOND = _words("""
    Analytics Apparel Architects Bakery Bicycles Biotech Books Brewing Builders Capital Care Ceramics
    Chemicals Clinics Coffee Commerce Consulting Dairy Dental Design Diagnostics Digital Drones
    Education Electric Energy Engineering Estates Events Farms Films Finance Fisheries Fitness Foods
    Freight Furniture Games Gardens Glass Health Homes Hotels Imaging Insurance Kitchens Labs Legal
    Logistics Marine Media Metals Mobility Motors Optics Outdoors Packaging Pharma Pictures Power
""")

COMPANY_THIRD = _words("""
    Aberdeen Adelaide Auckland Austin Bergen Berlin Bilbao Boston Bristol Brisbane Calgary Cardiff
    Chicago Cork Dallas Darwin Denver Dublin Dunedin Galway Geelong Geneva Glasgow Graz Hamburg Hobart
    Houston Kobe Leeds Leipzig Lisbon Lyon Madrid Malmö Miami Milan Munich Nagoya Nantes Napier Nelson
    Osaka Oslo Ottawa Oxford Perth Porto Prague Reims Seattle Seville Sydney Taupō Toronto Turin Utrecht
    Vienna Whangārei York Zürich
""")

SPECIAL_COMPANIES = (
    "Müller & Söhne",
    "O'Brien Haulage",
    "株式会社さくら",
    "شركة النور للتجارة",
    "אור בית תוכנה",
    "🚀 Rocket Works",
    "Šimánek a syn",
    "Ærø Bådbyggeri",
    "Société Générique d'Études",
    "☕️ Flat White Co",
    "Търговска къща Дунав",
    "Niño & Peña",
)
"""Companies whose names ask something of everything that they pass through."""

# City, region, country, country code, area code, pattern of the postal code and of the tax number ("###" and
# "@" become digits), currency.
PLACES = (
    ("Auckland", "Auckland", "New Zealand", "64", "9", "1###", "###-###-###", "NZD"),
    ("Wellington", "Wellington", "New Zealand", "64", "4", "6###", "###-###-###", "NZD"),
    ("Christchurch", "Canterbury", "New Zealand", "64", "3", "8###", "###-###-###", "NZD"),
    ("Whangārei", "Northland", "New Zealand", "64", "9", "0###", "###-###-###", "NZD"),
    ("Sydney", "NSW", "Australia", "61", "2", "2###", "51 ### ### ###", "AUD"),
    ("Melbourne", "VIC", "Australia", "61", "3", "3###", "51 ### ### ###", "AUD"),
    ("Brisbane", "QLD", "Australia", "61", "7", "4###", "51 ### ### ###", "AUD"),
    ("London", "Greater London", "United Kingdom", "44", "20", "EC@A @BT", "GB### ### ###", "GBP"),
    ("Manchester", "Greater Manchester", "United Kingdom", "44", "161", "M@ @AE", "GB### ### ###", "GBP"),
    ("New York", "NY", "United States", "1", "212", "10###", "@@-@###@###", "USD"),
    ("San José", "CA", "United States", "1", "408", "95###", "@@-@###@###", "USD"),
    ("Toronto", "ON", "Canada", "1", "416", "M@V @T@", "###@@###@", "USD"),
    ("Dublin", "Leinster", "Ireland", "353", "1", "D0@ X@E@", "IE###@###T", "EUR"),
    ("München", "Bayern", "Germany", "49", "89", "80###", "DE###@@###@", "EUR"),
    ("Lyon", "Auvergne-Rhône-Alpes", "France", "33", "4", "69###", "FR@@###@###@@", "EUR"),
    ("København", "Hovedstaden", "Denmark", "45", "33", "1###", "DK###@@###", "EUR"),
    ("São Paulo", "SP", "Brazil", "55", "11", "01###-###", "###@@###/0001-@@", "USD"),
    ("東京", "東京都", "Japan", "81", "3", "1@@-@###", "T@###@###@###@@", "USD"),
    ("Singapore", "", "Singapore", "65", "6", "18###@", "20###@@###G", "USD"),
    ("תל אביב", "", "Israel", "972", "3", "61###@@", "51###@@###", "USD"),
    ("دبي", "Dubai", "United Arab Emirates", "971", "4", "", "100###@@###@###", "USD"),
)

STREETS = _words("""
    Abbey Albert Bank Beach Bridge Castle Cathedral Chapel Church College Crescent Dock Elizabeth
    Exchange Ferry Garden George Grey Harbour High Hill King Lake Lambton Library Main Market Mill
    Museum Orchard Park Quay Queen Rata River Shortland Station Tower Victoria Willow
""")

# Code, name, cents a seat and month; what users subscribe to.
PLANS = (
    ("starter", "Starter", 1900),
    ("team", "Team", 4900),
    ("business", "Business", 9900),
    ("enterprise", "Enterprise", 24900),
)

# Code, name, ten-thousandths of a unit's price, account; what invoices have lines of.
PRODUCTS = (
    ("PLAN-STARTER", "Starter plan, per seat", 190000, "200"),
    ("PLAN-TEAM", "Team plan, per seat", 490000, "200"),
    ("PLAN-BUSINESS", "Business plan, per seat", 990000, "200"),
    ("PLAN-ENTERPRISE", "Enterprise plan, per seat", 2490000, "200"),
    ("API-CALLS", "API calls, per thousand", 1275, "205"),
    ("STORAGE", "Storage, per gigabyte", 2340, "205"),
    ("SUPPORT", "Priority support, per hour", 1450000, "210"),
    ("TRAINING", "Training, per session", 3950000, "210"),
)

# Code, name, type, tax type: a chart of accounts of a small software company.
ACCOUNTS = (
    ("090", "Business Bank Account", "BANK", "NONE"),
    ("200", "Subscriptions", "REVENUE", "OUTPUT2"),
    ("205", "Usage", "REVENUE", "OUTPUT2"),
    ("210", "Services", "REVENUE", "OUTPUT2"),
    ("260", "Other Revenue", "REVENUE", "OUTPUT2"),
    ("310", "Hosting", "DIRECTCOSTS", "INPUT2"),
    ("320", "Payment Processing", "DIRECTCOSTS", "INPUT2"),
    ("400", "Advertising", "EXPENSE", "INPUT2"),
    ("404", "Bank Fees", "EXPENSE", "NONE"),
    ("412", "Consulting & Accounting", "EXPENSE", "INPUT2"),
    ("429", "General Expenses", "EXPENSE", "INPUT2"),
    ("461", "Software", "EXPENSE", "INPUT2"),
    ("469", "Rent", "EXPENSE", "INPUT2"),
    ("477", "Salaries", "EXPENSE", "NONE"),
    ("489", "Telephone & Internet", "EXPENSE", "INPUT2"),
    ("610", "Accounts Receivable", "CURRENT", "NONE"),
    ("620", "Prepayments", "CURRENT", "NONE"),
    ("710", "Office Equipment", "FIXED", "INPUT2"),
    ("800", "Accounts Payable", "CURRLIAB", "NONE"),
    ("820", "GST", "CURRLIAB", "NONE"),
    ("835", "Revenue Received in Advance", "CURRLIAB", "NONE"),
    ("970", "Owner Funds Introduced", "EQUITY", "NONE"),
)


_SPELLED = str.maketrans("øđł", "odl")


def ascii_letters(name: str) -> str:
    """Return what an e-mail address makes of a name: "O'Brien" is "obrien", "Søren" is "soren"."""
    spelled = name.lower().translate(_SPELLED)
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if "a" <= letter <= "z")
