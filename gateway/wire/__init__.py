"""One file per provider API: where its texts stand, how it errs and how it stops."""
