-- The band of viewers' ratings of content c (spec/discovery §5.8).
CASE
  WHEN c.average_rating >= 8 THEN 'Excellent'
  WHEN c.average_rating >= 7 THEN 'Good'
  WHEN c.average_rating >= 5 THEN 'Average'
  WHEN c.average_rating < 5 THEN 'Below average'
  ELSE 'Unrated'
END
