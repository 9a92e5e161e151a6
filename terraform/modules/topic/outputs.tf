output "dead_letter_subscription" {
  description = "Name of the subscription through which dead letters are kept."
  value       = google_pubsub_subscription.dead_letter.name
}

output "dead_letter_topic" {
  description = "Id of the topic of dead letters, once Pub/Sub may publish there."
  value       = google_pubsub_topic.dead_letter.id
  depends_on  = [google_pubsub_topic_iam_member.dead_letter]
}

output "id" {
  description = "Id of the topic, once its publishers may publish."
  value       = google_pubsub_topic.topic.id
  depends_on  = [google_pubsub_topic_iam_member.publisher]
}

output "name" {
  description = "Name of the topic, once its publishers may publish."
  value       = google_pubsub_topic.topic.name
  depends_on  = [google_pubsub_topic_iam_member.publisher]
}
