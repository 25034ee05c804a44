"""The table of upstreams, the transport to them and their credentials."""
