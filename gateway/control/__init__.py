"""The endpoints under /gateway/."""
