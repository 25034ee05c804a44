"""Words that tell names of people: first names, and what is none though it stands where one would.

The first names are common ones of many countries that are seldom anything else.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FIRST_NAMES", "NO_NAMES"]

_FIRST: Final = """
Aaron Abdul Abigail Adam Adrian Agnieszka Ahmed Aisha Alan Albert Alejandro Aleksander Alessandro
Alexander Alexandra Alexei Alexis Ali Alice Alicia Alison Allison Alok Amanda Amelia Amit Ana
Ananya Anders Andre Andrea Andreas Andrei Andrew Andrzej Angela Angelika Angelo Anita Anja Anjali
Anke Ann Anna Anne Annette Anthony Antoine Antonia Antonio Antti Arjun Arthur Arturo Ashley Astrid
Audrey Barbara Beatrice Beatriz Ben Benjamin Bernard Bernd Beth Betty Birgit Bjorn Bradley Brandon
Brenda Brian Bruno Bryan Caitlin Camille Carl Carla Carlos Carmen Carol Caroline Carolyn Caterina
Catherine Cecilia Charles Cheryl Chiara Chloe Chris Christian Christina Christine Christoph
Christopher Cindy Claire Clara Claudia Claudio Connor Craig Cristina Cynthia Dan Daniel Daniela
Danielle Darren Dave David Deborah Debra Deepak Denise Dennis Derek Diana Diane Diego Dieter
Dimitri Dmitri Dominique Donald Donna Dorothy Douglas Dylan Edith Eduardo Edward Edwin Eileen
Elaine Eleanor Elena Elias Elisabeth Elizabeth Ella Ellen Emily Emma Enrique Eric Erica Erik Erika
Ernst Esther Ethan Eugene Eva Evelyn Ewa Fabian Fatima Federica Federico Felicia Felipe Felix
Fernando Fiona Florian Francesca Francesco Francisco Franck Frank Franz Fred Frederick Friedrich
Gabriel Gabriela Gareth Gary Geoffrey George Gerald Gerard Gerhard Giovanni Giulia Giuseppe Gloria
Gordon Graham Greg Gregory Grzegorz Guillaume Gunther Gustavo Hana Hannah Hans Harald Harold Harry
Hassan Heather Heidi Heike Heinrich Heinz Helen Helena Helga Helmut Henri Henry Hiroshi Howard
Hugo Ian Ibrahim Igor Ilona Ines Ingrid Irene Isaac Isabel Isabella Isabelle Ivan Jack Jackie
Jacob Jacqueline Jacques Jaime Jakob Jakub James Jamie Jan Jana Jane Janet Janice Jason Javier
Jean Jeff Jeffrey Jennifer Jens Jeremy Jerry Jesse Jessica Jill Jim Joachim Joan Joanna Joanne Joe
Joel Johan Johann Johanna Johannes John Johnny Jon Jonas Jonathan Jorge Jose Josef Joseph Joshua
José Juan Juanita Judith Judy Julia Julian Julie Julien Juliette Justin Jutta Karen Karin Karl
Katarzyna Katherine Kathleen Kathryn Katja Katrin Kavita Keith Kelly Ken Kenji Kenneth Kerry Kevin
Kimberly Kirsten Klaus Konrad Kristen Kristin Krzysztof Kumar Kurt Kyle Lakshmi Larry Lars Laura
Lauren Laurent Leah Lena Leo Leon Leonard Leonardo Leslie Liam Linda Lisa Lorenzo Louis Louise
Luca Lucas Lucia Lucy Luis Luisa Lukas Luke Lydia Magdalena Malcolm Manfred Manuel Manuela Marc
Marcel Marcin Marco Marcus Margaret Margarita Maria Marianne Marie Marilyn Mario Marion Marta
Martha Martin Martina Marvin Mary María Mateusz Matt Matteo Matthew Matthias Maureen Maurice
Maximilian Meera Megan Mei Melanie Melissa Mia Michael Michal Michel Michelle Miguel Mike Mikhail
Mikko Mila Minho Mohamed Mohammad Mohammed Mohit Monica Monika Muhammad Nancy Naomi Natalia
Natalie Natasha Nathalie Nathan Neha Neil Nicholas Nick Nicola Nicolas Nicole Niklas Nikolai Nina
Noah Nora Norbert Norman Olaf Oleg Olga Oliver Olivia Omar Oscar Otto Owen Pablo Pamela Paolo
Patricia Patrick Paul Paula Pauline Pawel Pedro Peggy Pekka Penelope Peter Petra Philip Philippe
Phillip Phyllis Pierre Piotr Pooja Prakash Priya Rachel Rafael Rahul Rainer Rajesh Rajiv Ralf
Ralph Ramon Raquel Ravi Raymond Rebecca Regina Renate Reza Ricardo Riccardo Richard Rita Robert
Roberto Robin Rodrigo Roger Rohan Roland Ronald Rosa Rosemary Roy Rudolf Russell Ruth Ryan Sabine
Sachin Sakura Sally Salvatore Sam Samantha Samira Samuel Sandra Sanjay Sara Sarah Scott Sean
Sebastian Sergei Sergio Shannon Sharon Shaun Sheila Shirley Siegfried Silke Silvia Simon Simone
Sofia Sophia Sophie Stacy Stanislaw Stefan Stefanie Stefano Stephan Stephanie Stephen Steve Steven
Stuart Sunil Sunita Suresh Susan Susanne Suzanne Sven Svetlana Takashi Tamara Tanja Tanya Tara
Teresa Terry Theodore Theresa Thomas Tiffany Tim Timothy Tina Tobias Todd Tom Tomasz Tony Tracy
Tyler Udo Ulrich Ulrike Ursula Uwe Valentina Valerie Vanessa Vera Veronica Victor Vijay Vikas
Vikram Viktor Vincent Vincenzo Vinod Vivek Vladimir Walter Wanda Wayne Wei Wendy Werner Wilhelm
William Wolfgang Xavier Yannick Yolanda Yuki Yusuf Yves Yvonne Zachary Zoe Zofia
"""
FIRST_NAMES: Final = frozenset(_FIRST.split())
_NO: Final = """
a all also an and any api app are as at bot box but by can ceo cfo chat city class client co code
company corp cto customer data date dear description doctor do does e-mail email engineer error
everyone field file folks for friend friends from gpt group guys have he help hiring how i id if
in inc int integer is it its key ltd ma'am madam manager md member model mr mrs ms name no
none not note null number object of on or our phd please professor re required sales she sir sirs
sir/madam size so street string support team text thank thanks that the there they this to today
true type unknown user value var valued void was we what when where who why will with would world
yes you your avenue road park university hospital airport institute college school bridge river
county prize award theorem method algorithm effect law church cathedral island hotel museum
stadium station square center centre house day test files bank insurance gmbh llc street.
corporation foundation technologies solutions systems database server assistant agent director
president officer ltd. inc. herren damen kunde kollegen alle zusammen monsieur madame tous señores
equipo monday tuesday wednesday thursday friday saturday sunday january february
july september october november december english german french spanish chinese pointer
storage array list function module project product service order account version
"""
NO_NAMES: Final = frozenset(_NO.split())
"""What is no part of a person's name, in lower case."""
