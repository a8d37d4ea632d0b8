"""The bundle: the folder of samples, labels and similarities that training reads."""
