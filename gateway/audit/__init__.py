"""Records: sealed, chained, stored, verified, queried and published."""
