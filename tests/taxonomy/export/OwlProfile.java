import java.io.File;
import java.util.List;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileReport;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/** Prints the violations of OWL 2 DL in each file, and exits with 1 if there is any. */
public class OwlProfile {
    public static void main(String[] paths) throws Exception {
        int found = 0;
        for (String path : paths) {
            OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
            OWLOntology ontology = manager.loadOntologyFromOntologyDocument(new File(path));
            OWLProfileReport report = new OWL2DLProfile().checkOntology(ontology);
            System.out.println(path + ": " + ontology.getOntologyID() + " " + ontology.getAxiomCount() + " axioms, "
                + ontology.getClassesInSignature().size() + " classes, " + report.getViolations().size() + " violations");
            for (OWLProfileViolation violation : report.getViolations()) {
                System.out.println("  " + violation);
                found++;
            }
        }
        System.exit(found == 0 ? 0 : 1);
    }
}
