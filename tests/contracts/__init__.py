"""Requests of our clients and answers of our simulators, held against the vendors' real contracts.

The contracts are not ours to publish, so they are read from beside the repository (`../shared/vendors`), or from where
the environment variable `VENDOR_CONTRACTS` says; where they are missing, these tests are skipped.
"""
