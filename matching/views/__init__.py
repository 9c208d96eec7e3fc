"""The pages of matching: a member's suggestions, and the rounds in which a steward brings many together."""
