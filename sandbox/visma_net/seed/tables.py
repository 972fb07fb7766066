"""Names and numbers that the simulated company begins with."""

from __future__ import annotations

WAREHOUSES = (
    ("1", "Hovedlager Oslo", "Oslo", "0581", "NO"),
    ("2", "Lager Göteborg", "Göteborg", "41104", "SE"),
)
SUPPLIERS = (
    ("Nordic Parts AS", "Industriveien 4", "1481", "Hagan", "NO", "NOK"),
    ("Lyskilden AS", "Elveveien 12", "3262", "Larvik", "NO", "NOK"),
    ("Skruefabrikken på Gjøvik AS", "Storgata 88", "2815", "Gjøvik", "NO", "NOK"),
    ("Trelleborg Rep & Oljor AB", "Hamngatan 3", "23142", "Trelleborg", "SE", "SEK"),
    ("Åland Handel Ab", "Östra Esplanadgatan 9", "22100", "Mariehamn", "FI", "EUR"),
    ("Sæbehuset ApS", "Nørregade 21", "5000", "Odense", "DK", "DKK"),
)
CUSTOMERS = (
    ("Kari Nordmann", "Storgata 1", "0155", "Oslo", "NO"),
    ("Fjord Interiør AS", "Bryggen 14", "5003", "Bergen", "NO"),
    ("Björk & Ek AB", "Kungsgatan 40", "41115", "Göteborg", "SE"),
    ("Kjøkkenliv AS", "Munkegata 22", "7011", "Trondheim", "NO"),
    ("Hygge Hus ApS", "Vestergade 5", "8000", "Aarhus", "DK"),
    ("Tromsø Kontor AS", "Grønnegata 70", "9008", "Tromsø", "NO"),
)
ITEMS = (
    # number, description, unit, cost, price, kind
    ("STOL-101", "Spisestol, eik", "STK", "420", "899", "stock"),
    ("STOL-102", "Kontorstol, svart", "STK", "610", "1299", "stock"),
    ("BORD-220", "Spisebord 220 cm", "STK", "2150", "4490", "stock"),
    ("BORD-140", "Salongbord 140 cm", "STK", "980", "1990", "stock"),
    ("LAMPE-7", "Gulvlampe «Sjø»", "STK", "310", "749", "stock"),
    ("PÆRE-E27", "LED-pære E27 806 lm", "STK", "19.90", "49", "stock"),
    ("KABEL/25M", "Skjøteledning 25 m", "STK", "145", "299", "stock"),
    ("KABEL/50M", "Skjøteledning 50 m", "STK", "238.50", "479", "stock"),
    ("SKRUE-M8", "Skrue M8 × 40, rustfri", "STK", "1.35", "3.50", "stock"),
    ("MUTTER-M8", "Mutter M8, rustfri", "STK", "0.65", "1.90", "stock"),
    ("SKIVE-M8", "Skive M8, rustfri", "STK", "0.30", "0.90", "stock"),
    ("OLJE-5L", "Treolje, naturell", "L", "89.75", "189", "stock"),
    ("TAU-M", "Tau 12 mm, løpemeter", "M", "11.25", "24.90", "stock"),
    ("SÅPE-500", "Håndsåpe bjørk 500 ml", "STK", "34", "89", "stock"),
    ("SÅPE-5000", "Håndsåpe bjørk 5 l", "STK", "210", "449", "stock"),
    ("DUK-ØST", "Bordduk «Østersjøen»", "STK", "125", "299", "stock"),
    ("TEPPE-A1", "Ullteppe 170 × 240", "STK", "1290", "2790", "stock"),
    ("GARDIN#3", "Gardin, lin, hvit", "STK", "255", "599", "stock"),
    ("HYLLE 90", "Vegghylle 90 cm", "STK", "175", "399", "stock"),
    ("KURV+LOKK", "Kurv med lokk", "STK", "99", "249", "stock"),
    ("SPEIL-R60", "Speil, rundt 60 cm", "STK", "340", "799", "stock"),
    ("KAFFE-1KG", "Kaffe, filtermalt", "KG", "92", "179", "stock"),
    ("MEL-25KG", "Hvetemel 25 kg", "SEKK", "148", "289", "lot"),
    ("MONTERING", "Montering per time", "TIME", "450", "890", "service"),
    ("FRAKT", "Frakt", "STK", "0", "79", "freight"),
)
