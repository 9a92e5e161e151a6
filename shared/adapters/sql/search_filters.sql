-- Every hard filter of a search on content c, the one place where they are judged. Those that a facet stands for
-- are parts of their own, so that its values can be counted without them.
-- Parameters: those of the parts.
/* search_filter_rest */
AND /* search_filter_genres */
AND /* search_filter_platforms */
AND /* search_filter_years */
AND /* search_filter_ratings */
