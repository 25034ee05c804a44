"""Policy files to an immutable policy, and its decisions."""
