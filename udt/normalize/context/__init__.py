"""The context of mentions: certainty, exclusion, laterality and the patient."""
