-- Forget old counts of names that no map knew. Parameters: :before date as text.
DELETE FROM genre_miss WHERE week < CAST(:before AS date)
