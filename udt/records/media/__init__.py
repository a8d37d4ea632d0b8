"""Media files: stills, animations, videos and DICOM as frames with times, the ultrasound filter, and their import."""
