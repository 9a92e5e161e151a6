-- Back to the empty database; for tests only, production goes forward.
DROP TABLE IF EXISTS
  app_user, rejected_event, processed_event, outbox, review_item, sync_cursor, ingest_error,
  ingest_page, ingest_run, content_embedding, availability, listing_region, platform_listing,
  external_id, field_source, image, content_rating, credit, content_mood, content_theme,
  content_genre, title_block, content_title, content CASCADE;
