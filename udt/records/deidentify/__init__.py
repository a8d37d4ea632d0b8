"""De-identification: DICOM attributes, burned-in text, names of files, and free text."""
