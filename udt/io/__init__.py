"""Read texts from files and write reports, serially or with several processes."""
