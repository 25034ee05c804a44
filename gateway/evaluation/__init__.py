"""How well the scanners do on labelled texts: rows, figures, a report and a picture."""
