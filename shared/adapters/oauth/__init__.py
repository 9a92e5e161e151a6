"""OAuth 2.0 by Authlib's grants and endpoints, on our own storage.

Its classes are subclassed here, so these modules import it at once: 55 ms, of the identity
functions alone.
"""
