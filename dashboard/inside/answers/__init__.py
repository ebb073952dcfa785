"""What the heads of any model answer to the validation examples, each by its kind."""
