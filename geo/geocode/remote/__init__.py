"""Address services outside this host, asked only where the host, the network and the person have all said yes."""
