"""The life of titles: merged, parted, edited, rated."""
