"""Compare the findings of reports with gold findings, one by one."""
