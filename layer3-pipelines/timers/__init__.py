"""Deliverable 3.1: the ETL under the real systemd, cron and atd; and what differs."""
